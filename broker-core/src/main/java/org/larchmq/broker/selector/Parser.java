package org.larchmq.broker.selector;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.larchmq.broker.selector.Expression.And;
import org.larchmq.broker.selector.Expression.Arithmetic;
import org.larchmq.broker.selector.Expression.Between;
import org.larchmq.broker.selector.Expression.Comparison;
import org.larchmq.broker.selector.Expression.HeaderField;
import org.larchmq.broker.selector.Expression.In;
import org.larchmq.broker.selector.Expression.IsNull;
import org.larchmq.broker.selector.Expression.Like;
import org.larchmq.broker.selector.Expression.Literal;
import org.larchmq.broker.selector.Expression.Not;
import org.larchmq.broker.selector.Expression.Or;
import org.larchmq.broker.selector.Expression.Property;
import org.larchmq.broker.selector.Expression.Sign;
import org.larchmq.broker.selector.Expression.Type;
import org.larchmq.broker.selector.Token.Kind;

/**
 * Recursive descent, one method per level of precedence:
 *
 * <pre>
 * or        = and { OR and }
 * and       = not { AND not }
 * not       = NOT not | predicate
 * predicate = sum [ comparison sum
 *                 | [NOT] BETWEEN sum AND sum | [NOT] IN ( 'x', … ) | [NOT] LIKE 'x' [ESCAPE 'x'] | IS [NOT] NULL ]
 * sum       = product { + | - product }
 * product   = signed { * | / signed }
 * signed    = + | - signed | primary
 * primary   = literal | identifier | ( or )
 * </pre>
 */
final class Parser {
    private final String text;
    private final Lexer lexer;
    private final byte[][] names;
    private Token token;
    private int nodes;
    private int depth;
    private int registers;

    Parser(String text) {
        this.text = text;
        checkLength();
        this.names = SortedStrings.of(propertyNames());
        this.lexer = new Lexer(text);
    }

    Selector parse() {
        advance();
        Token first = token;
        if (first.kind() == Kind.END) throw wrong(first, "a selector is empty");
        Expression condition = condition(first, or());
        if (token.kind() != Kind.END) throw expected("AND, OR or the end");
        return new Selector(text, condition, names, registers);
    }

    private void checkLength() {
        boolean fits = text.length() <= Selector.MAX_TEXT_BYTES
                && text.getBytes(StandardCharsets.UTF_8).length <= Selector.MAX_TEXT_BYTES;
        if (fits) return;
        throw new SelectorSyntaxException(text, 0, "longer than " + Selector.MAX_TEXT_BYTES + " bytes");
    }

    /** A property's place among the sorted names is needed when its node is made, so they are collected first. */
    private Set<String> propertyNames() {
        Set<String> found = new TreeSet<>();
        Lexer scan = new Lexer(text);
        for (Token next = scan.next(); next.kind() != Kind.END; next = scan.next()) {
            if (next.kind() == Kind.IDENTIFIER && Header.of(next.text()) == null) found.add(next.text());
            if (found.size() > Selector.MAX_NODES)
                throw wrong(next, "more than " + Selector.MAX_NODES + " identifiers");
        }
        return found;
    }

    private Expression or() {
        Token first = token;
        Expression term = and();
        if (!isKeyword("OR")) return term;
        List<Expression> terms = new ArrayList<>(List.of(condition(first, term)));
        while (isKeyword("OR")) {
            advance();
            Token next = token;
            terms.add(condition(next, and()));
        }
        return counted(first, new Or(terms));
    }

    private Expression and() {
        Token first = token;
        Expression term = not();
        if (!isKeyword("AND")) return term;
        List<Expression> terms = new ArrayList<>(List.of(condition(first, term)));
        while (isKeyword("AND")) {
            advance();
            Token next = token;
            terms.add(condition(next, not()));
        }
        return counted(first, new And(terms));
    }

    private Expression not() {
        if (!isKeyword("NOT")) return predicate();
        Token operator = token;
        deeper();
        advance();
        Token first = token;
        Expression operand = condition(first, not());
        depth--;
        return counted(operator, new Not(operand));
    }

    private Expression predicate() {
        Token first = token;
        Expression left = sum();
        if (token.kind() == Kind.OPERATOR) {
            int operator = comparisonOperator();
            return operator < 0 ? left : comparison(operator, left);
        }
        if (isKeyword("IS")) return isNull(first, left);
        Token negation = token;
        boolean negated = isKeyword("NOT");
        if (negated) advance();
        if (isKeyword("BETWEEN")) return between(first, left, negated);
        if (isKeyword("IN")) return in(first, left, negated);
        if (isKeyword("LIKE")) return like(first, left, negated);
        if (negated) throw wrong(negation, "NOT can be followed only by BETWEEN, IN or LIKE here");
        return left;
    }

    private int comparisonOperator() {
        return switch (token.text()) {
            case "=" -> Comparison.EQUAL;
            case "<>" -> Comparison.NOT_EQUAL;
            case "<" -> Comparison.LESS;
            case "<=" -> Comparison.LESS_OR_EQUAL;
            case ">" -> Comparison.GREATER;
            case ">=" -> Comparison.GREATER_OR_EQUAL;
            default -> -1;
        };
    }

    private Expression comparison(int operator, Expression left) {
        Token at = token;
        advance();
        Expression right = sum();
        boolean isNumeric = isNumeric(left) && isNumeric(right);
        if (Comparison.isOrdering(operator) && !isNumeric) {
            throw wrong(at, "strings and booleans can be compared only with = and <>");
        }
        boolean areLike = left.type() == right.type() || left.type() == Type.ANY || right.type() == Type.ANY;
        if (!areLike) throw wrong(at, left.type().text + " cannot be compared with " + right.type().text);
        return counted(at, new Comparison(operator, left, right, newRegisters(2)));
    }

    private Expression between(Token first, Expression operand, boolean negated) {
        Token operator = token;
        number(first, operand);
        advance();
        Token from = token;
        Expression lowest = number(from, sum());
        if (!isKeyword("AND")) throw expected("the AND of BETWEEN");
        advance();
        Token to = token;
        Expression highest = number(to, sum());
        return counted(operator, new Between(operand, lowest, highest, negated, newRegisters(2)));
    }

    private Expression in(Token first, Expression operand, boolean negated) {
        Token operator = token;
        stringIdentifier(first, operand, operator);
        advance();
        if (!isOperator("(")) throw expected("the ( of IN");
        List<String> strings = new ArrayList<>();
        do {
            advance();
            if (strings.size() == Selector.MAX_IN_STRINGS) {
                throw wrong(token, "more than " + Selector.MAX_IN_STRINGS + " strings in an IN");
            }
            strings.add(string());
        } while (isOperator(","));
        if (!isOperator(")")) throw expected("a comma or the ) of IN");
        advance();
        return counted(operator, new In(operand, strings, negated, newRegisters(1)));
    }

    private Expression like(Token first, Expression operand, boolean negated) {
        Token operator = token;
        stringIdentifier(first, operand, operator);
        advance();
        Token patternAt = token;
        String pattern = string();
        int escape = isKeyword("ESCAPE") ? escape() : -1;
        try {
            LikePattern compiled = new LikePattern(pattern, escape);
            return counted(operator, new Like(operand, compiled, negated, newRegisters(1)));
        } catch (IllegalArgumentException dangling) {
            throw wrong(patternAt, dangling.getMessage());
        }
    }

    private int escape() {
        advance();
        Token at = token;
        String escape = string();
        if (escape.codePointCount(0, escape.length()) != 1) throw wrong(at, "ESCAPE takes a string of one character");
        return escape.codePointAt(0);
    }

    private Expression isNull(Token first, Expression operand) {
        Token operator = token;
        identifier(first, operand, operator);
        advance();
        boolean negated = isKeyword("NOT");
        if (negated) advance();
        if (!isKeyword("NULL")) throw expected("NULL or NOT NULL");
        advance();
        return counted(operator, new IsNull(operand, negated, newRegisters(1)));
    }

    private Expression sum() {
        Token first = token;
        Expression left = product();
        while (isOperator("+") || isOperator("-")) left = arithmetic(first, left, true);
        return left;
    }

    private Expression product() {
        Token first = token;
        Expression left = signed();
        while (isOperator("*") || isOperator("/")) left = arithmetic(first, left, false);
        return left;
    }

    private Expression arithmetic(Token first, Expression left, boolean isSum) {
        Token operator = token;
        number(first, left);
        advance();
        Token second = token;
        Expression right = number(second, isSum ? product() : signed());
        return counted(operator, new Arithmetic(operator.text().charAt(0), left, right, newRegisters(1)));
    }

    private Expression signed() {
        boolean isMinus = isOperator("-");
        if (!isMinus && !isOperator("+")) return primary();
        Token operator = token;
        deeper();
        advance();
        Token first = token;
        boolean isLongMin = isMinus && first.kind() == Kind.NUMBER && first.value() == null;
        Expression operand = isLongMin ? literal(Value.ofExact(Long.MIN_VALUE), Type.NUMBER) : number(first, signed());
        depth--;
        if (operand instanceof Literal literal) return isMinus && !isLongMin ? negated(literal.value) : literal;
        return counted(operator, new Sign(operand, isMinus));
    }

    private static Literal negated(Value value) {
        boolean isExact = value.kind == Value.LONG;
        Value opposite = isExact ? Value.ofExact(-value.exact) : Value.ofApproximate(value.kind, -value.approximate);
        return new Literal(opposite, Type.NUMBER);
    }

    private Expression primary() {
        if (isOperator("(")) return parenthesized();
        Token at = token;
        if (at.kind() == Kind.STRING) return literal(Value.ofString(at.text()), Type.STRING);
        if (isKeyword("TRUE") || isKeyword("FALSE")) return literal(Value.ofBoolean(isKeyword("TRUE")), Type.BOOLEAN);
        if (at.kind() == Kind.NUMBER) {
            if (at.value() == null) throw wrong(at, "a number that does not fit into 64 bits");
            return literal(at.value(), Type.NUMBER);
        }
        if (at.kind() == Kind.IDENTIFIER) return identifier();
        throw expected("a property, a literal or (");
    }

    private Expression parenthesized() {
        deeper();
        advance();
        Expression inner = or();
        if (!isOperator(")")) throw expected(")");
        advance();
        depth--;
        return inner;
    }

    private Expression literal(Value value, Type type) {
        Token at = token;
        advance();
        return counted(at, new Literal(value, type));
    }

    private Expression identifier() {
        Token at = token;
        String name = at.text();
        advance();
        Header header = Header.of(name);
        if (header != null) return counted(at, new HeaderField(header));
        boolean isPropertyName = !name.startsWith("JMS") || name.startsWith("JMSX") || name.startsWith("JMS_");
        if (!isPropertyName) throw wrong(at, "a selector cannot use the header field " + name);
        return counted(at, new Property(name, SortedStrings.find(names, name), newRegisters(1)));
    }

    private String string() {
        if (token.kind() != Kind.STRING) throw expected("a string");
        String value = token.text();
        advance();
        return value;
    }

    private Expression condition(Token at, Expression expression) {
        if (expression.type() == Type.BOOLEAN || expression.type() == Type.ANY) return expression;
        throw wrong(at, "expected a condition, found " + expression.type().text);
    }

    private Expression number(Token at, Expression expression) {
        if (isNumeric(expression)) return expression;
        throw wrong(at, "expected a number, found " + expression.type().text);
    }

    private void identifier(Token at, Expression operand, Token operator) {
        if (operand instanceof Property || operand instanceof HeaderField) return;
        throw wrong(at, "expected an identifier before " + operator.text());
    }

    private void stringIdentifier(Token at, Expression operand, Token operator) {
        identifier(at, operand, operator);
        if (operand.type() != Type.ANY && operand.type() != Type.STRING) {
            throw wrong(at, operator.text() + " cannot be applied to " + operand.type().text);
        }
    }

    private static boolean isNumeric(Expression expression) {
        return expression.type() == Type.NUMBER || expression.type() == Type.ANY;
    }

    private boolean isKeyword(String keyword) {
        return token.is(Kind.KEYWORD, keyword);
    }

    private boolean isOperator(String operator) {
        return token.is(Kind.OPERATOR, operator);
    }

    private void advance() {
        token = lexer.next();
    }

    private int newRegisters(int count) {
        int first = registers;
        registers += count;
        return first;
    }

    private Expression counted(Token at, Expression expression) {
        if (++nodes <= Selector.MAX_NODES) return expression;
        throw wrong(at, "more than " + Selector.MAX_NODES + " operators, identifiers and literals");
    }

    private void deeper() {
        if (++depth > Selector.MAX_DEPTH) throw wrong(token, "nested deeper than " + Selector.MAX_DEPTH);
    }

    private SelectorSyntaxException expected(String what) {
        return wrong(token, "expected " + what + ", found " + token.shown());
    }

    private SelectorSyntaxException wrong(Token at, String problem) {
        return new SelectorSyntaxException(text, at.position(), problem);
    }
}
