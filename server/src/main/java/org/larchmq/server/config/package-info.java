/**
 * What a broker is told: the table of settings, their values with where each came from, and the
 * {@link org.larchmq.broker.settings.BrokerSettings} they become. Knows neither the command line nor a running broker.
 *
 * <p>Called by: the cli package. Calls: broker-core's settings, snakeyaml-engine.
 * Threads: everything here is immutable once made.
 * Start reading at {@link org.larchmq.server.config.SettingKeys}, then
 * {@link org.larchmq.server.config.Configuration#load}.
 */
package org.larchmq.server.config;
