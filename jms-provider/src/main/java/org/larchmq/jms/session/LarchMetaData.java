package org.larchmq.jms.session;

import jakarta.jms.ConnectionMetaData;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/** What the provider is and which version of the specification it implements. */
final class LarchMetaData implements ConnectionMetaData {
    static final String PROVIDER_VERSION = providerVersion();

    private static final int PROVIDER_MAJOR = 0;
    private static final int PROVIDER_MINOR = 1;

    private static String providerVersion() {
        String version = LarchMetaData.class.getPackage().getImplementationVersion();
        return version == null ? PROVIDER_MAJOR + "." + PROVIDER_MINOR : version;
    }

    @Override
    public String getJMSVersion() {
        return "3.1";
    }

    @Override
    public int getJMSMajorVersion() {
        return 3;
    }

    @Override
    public int getJMSMinorVersion() {
        return 1;
    }

    @Override
    public String getJMSProviderName() {
        return "LarchMQ";
    }

    @Override
    public String getProviderVersion() {
        return PROVIDER_VERSION;
    }

    @Override
    public int getProviderMajorVersion() {
        return PROVIDER_MAJOR;
    }

    @Override
    public int getProviderMinorVersion() {
        return PROVIDER_MINOR;
    }

    @Override
    public Enumeration<?> getJMSXPropertyNames() {
        return Collections.enumeration(List.of("JMSXGroupID", "JMSXGroupSeq", "JMSXDeliveryCount"));
    }
}
