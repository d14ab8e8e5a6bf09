package io.loomkeeper.sim;

import static java.lang.constant.ConstantDescs.CD_boolean;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodBuilder;
import java.lang.classfile.MethodElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * A fault put into one method of a production class as it is loaded.
 *
 * @param owner the class, without the package that all of ours start with
 * @param method by name; all of that name
 */
record Mutation(String owner, String method, Change change) {
    /** What is done to the method. */
    sealed interface Change {}

    /** It does nothing and returns {@code value}: 0, 1, or null. */
    record Returns(int value) implements Change {}

    /**
     * The calls in it of methods so named are left out; each counts as having returned {@code
     * value}.
     */
    record Skips(String called, int value) implements Change {}

    /** A call in it of one method becomes a call of another with the same shape. */
    record Calls(String called, String instead) implements Change {}

    /**
     * After a call in it of a method with at most one argument, another is called with the same.
     */
    record Adds(String called, String also) implements Change {}

    /** What it writes into a field is dropped. */
    record Forgets(String field) implements Change {}

    /** What it reads from a field so named is {@code value}. */
    record Blinds(String field, int value) implements Change {}

    /** Each element of it that {@code where} names is written as {@code how} says. */
    record Rewrites(Predicate<CodeElement> where, BiConsumer<CodeBuilder, CodeElement> how)
            implements Change {}

    static Mutation returns(String owner, String method, int value) {
        return new Mutation(owner, method, new Returns(value));
    }

    static Mutation skips(String owner, String method, String called, int value) {
        return new Mutation(owner, method, new Skips(called, value));
    }

    static Mutation calls(String owner, String method, String called, String instead) {
        return new Mutation(owner, method, new Calls(called, instead));
    }

    static Mutation adds(String owner, String method, String called, String also) {
        return new Mutation(owner, method, new Adds(called, also));
    }

    static Mutation forgets(String owner, String method, String field) {
        return new Mutation(owner, method, new Forgets(field));
    }

    static Mutation blinds(String owner, String method, String field, int value) {
        return new Mutation(owner, method, new Blinds(field, value));
    }

    /**
     * The class with the fault in it.
     *
     * @throws IncompatibleClassChangeError when the production code has moved
     */
    byte[] apply(byte[] original) {
        boolean[] changed = new boolean[1];
        ClassModel model = ClassFile.of().parse(original);
        ClassTransform transform =
                (builder, element) -> {
                    if (element instanceof MethodModel found
                            && found.methodName().equalsString(method)
                            && found.code().isPresent()) {
                        builder.transformMethod(found, transformOf(found, changed));
                    } else {
                        builder.with(element);
                    }
                };
        byte[] mutated = ClassFile.of().transformClass(model, transform);
        if (!changed[0]) {
            throw new IncompatibleClassChangeError("nothing to change: " + this);
        }
        return mutated;
    }

    private MethodTransform transformOf(MethodModel found, boolean[] changed) {
        return switch (change) {
            case Returns(int value) -> {
                changed[0] = true;
                yield (builder, element) -> returning(builder, element, found, value);
            }
            case Skips(var called, int value) ->
                    MethodTransform.transformingCode(skipping(called, value, changed));
            case Calls(var called, var instead) ->
                    MethodTransform.transformingCode(calling(called, instead, changed));
            case Adds(var called, var also) ->
                    MethodTransform.transformingCode(adding(called, also, changed));
            case Blinds(var field, int value) ->
                    MethodTransform.transformingCode(blinding(field, value, changed));
            case Rewrites(var where, var how) ->
                    MethodTransform.transformingCode(rewriting(where, how, changed));
            case Forgets(var field) -> MethodTransform.transformingCode(forgetting(field, changed));
        };
    }

    private static void returning(
            MethodBuilder builder, MethodElement element, MethodModel found, int value) {
        if (element instanceof CodeAttribute) {
            TypeKind kind = TypeKind.from(found.methodTypeSymbol().returnType());
            builder.withCode(
                    code -> {
                        push(code, kind, value);
                        code.return_(kind);
                    });
        } else {
            builder.with(element);
        }
    }

    private static CodeTransform skipping(String called, int value, boolean[] changed) {
        return (builder, element) -> {
            if (isCall(element, called) && element instanceof InvokeInstruction call) {
                changed[0] = true;
                drop(builder, call);
                push(builder, TypeKind.from(call.typeSymbol().returnType()), value);
            } else {
                builder.with(element);
            }
        };
    }

    private static CodeTransform calling(String called, String instead, boolean[] changed) {
        return (builder, element) -> {
            if (isCall(element, called) && element instanceof InvokeInstruction call) {
                changed[0] = true;
                builder.invoke(
                        call.opcode(),
                        call.owner().asSymbol(),
                        instead,
                        call.typeSymbol(),
                        call.isInterface());
            } else {
                builder.with(element);
            }
        };
    }

    private static CodeTransform adding(String called, String also, boolean[] changed) {
        return (builder, element) -> {
            if (isCall(element, called) && element instanceof InvokeInstruction call) {
                changed[0] = true;
                if (call.typeSymbol().parameterCount() == 0) {
                    builder.dup();
                } else {
                    builder.dup2();
                }
                builder.with(element);
                builder.invoke(
                        call.opcode(),
                        call.owner().asSymbol(),
                        also,
                        call.typeSymbol(),
                        call.isInterface());
            } else {
                builder.with(element);
            }
        };
    }

    private static CodeTransform forgetting(String field, boolean[] changed) {
        return (builder, element) -> {
            if (element instanceof FieldInstruction write
                    && write.opcode() == Opcode.PUTFIELD
                    && write.name().equalsString(field)) {
                changed[0] = true;
                pop(builder, TypeKind.from(write.typeSymbol()));
                builder.pop();
            } else {
                builder.with(element);
            }
        };
    }

    private static CodeTransform blinding(String field, int value, boolean[] changed) {
        return (builder, element) -> {
            if (element instanceof FieldInstruction read
                    && read.opcode() == Opcode.GETFIELD
                    && read.name().equalsString(field)) {
                changed[0] = true;
                builder.pop();
                push(builder, TypeKind.from(read.typeSymbol()), value);
            } else {
                builder.with(element);
            }
        };
    }

    private static CodeTransform rewriting(
            Predicate<CodeElement> where,
            BiConsumer<CodeBuilder, CodeElement> how,
            boolean[] changed) {
        return (builder, element) -> {
            if (where.test(element)) {
                changed[0] = true;
                how.accept(builder, element);
            } else {
                builder.with(element);
            }
        };
    }

    static boolean isCall(CodeElement element, String called) {
        return element instanceof InvokeInstruction call && call.name().equalsString(called);
    }

    private static void drop(CodeBuilder builder, InvokeInstruction call) {
        MethodTypeDesc type = call.typeSymbol();
        List<ClassDesc> arguments = type.parameterList().reversed();
        arguments.forEach(argument -> pop(builder, TypeKind.from(argument)));
        if (call.opcode() != Opcode.INVOKESTATIC) {
            builder.pop();
        }
    }

    private static void pop(CodeBuilder builder, TypeKind kind) {
        if (kind.slotSize() == 2) {
            builder.pop2();
        } else {
            builder.pop();
        }
    }

    /** Puts 0, 1 or null on the stack; nothing for void. */
    static void push(CodeBuilder builder, TypeKind kind, int value) {
        switch (kind.asLoadable()) {
            case INT -> builder.loadConstant(value);
            case LONG -> builder.loadConstant((long) value);
            case FLOAT, DOUBLE -> throw new IllegalStateException(CD_boolean.displayName());
            case REFERENCE -> builder.aconst_null();
            default -> {}
        }
    }
}
