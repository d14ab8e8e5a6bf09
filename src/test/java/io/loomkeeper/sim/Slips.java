package io.loomkeeper.sim;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Mutations that make a method careless: with errors, with checks, with the order of things. */
final class Slips {
    private Slips() {}

    /** What it finds wrong it does not refuse: each throw of its own is left out. */
    static Mutation overlooks(String owner, String method) {
        return new Mutation(
                owner,
                method,
                new Mutation.Rewrites(
                        ThrowInstruction.class::isInstance, (builder, _) -> builder.pop()));
    }

    /** Of two numbers of 64 bits that it compares it takes the one for the other. */
    static Mutation equates(String owner, String method) {
        return new Mutation(
                owner,
                method,
                new Mutation.Rewrites(
                        element ->
                                element instanceof OperatorInstruction operator
                                        && operator.opcode() == Opcode.LCMP,
                        (builder, _) -> builder.pop2().pop2().iconst_0()));
    }

    /**
     * When a call in it of a method so named fails, it goes on as if that had returned {@code
     * value}. The call stands at the beginning of a statement.
     */
    static Mutation swallows(String owner, String method, String called, int value) {
        return atCalls(
                owner,
                method,
                called,
                (builder, call) ->
                        trying(
                                builder,
                                call,
                                (handler, _) -> Mutation.push(handler, typeOf(call), value)));
    }

    /**
     * When a call in it of a method so named fails, it is made once more. The call stands at the
     * beginning of a statement.
     */
    static Mutation retries(String owner, String method, String called) {
        return atCalls(
                owner,
                method,
                called,
                (builder, call) ->
                        trying(builder, call, (handler, again) -> again.accept(handler)));
    }

    /** A call in it of a method so named is followed by this. */
    static Mutation follows(
            String owner, String method, String called, Consumer<CodeBuilder> also) {
        return atCalls(
                owner,
                method,
                called,
                (builder, call) -> {
                    builder.with(call);
                    also.accept(builder);
                });
    }

    static ClassDesc ours(String name) {
        return ClassDesc.of("io.loomkeeper." + name);
    }

    /** Puts onto the stack what a method without arguments of what is there returns. */
    static void call(CodeBuilder builder, String owner, String method, ClassDesc returned) {
        builder.invokevirtual(ours(owner), method, MethodTypeDesc.of(returned));
    }

    private interface AtCall {
        void write(CodeBuilder builder, InvokeInstruction call);
    }

    private interface OnError {
        void write(CodeBuilder handler, Consumer<CodeBuilder> again);
    }

    private static Mutation atCalls(String owner, String method, String called, AtCall how) {
        return new Mutation(
                owner,
                method,
                new Mutation.Rewrites(
                        element -> Mutation.isCall(element, called),
                        (builder, element) -> how.write(builder, (InvokeInstruction) element)));
    }

    private static TypeKind typeOf(InvokeInstruction call) {
        return TypeKind.from(call.typeSymbol().returnType());
    }

    private static void trying(CodeBuilder builder, InvokeInstruction call, OnError onError) {
        List<TypeKind> kinds = new ArrayList<>();
        if (call.opcode() != Opcode.INVOKESTATIC) {
            kinds.add(TypeKind.REFERENCE);
        }
        call.typeSymbol().parameterList().forEach(type -> kinds.add(TypeKind.from(type)));
        int[] slots = new int[kinds.size()];
        for (int i = slots.length - 1; i >= 0; i--) {
            slots[i] = builder.allocateLocal(kinds.get(i));
            builder.storeLocal(kinds.get(i), slots[i]);
        }
        Consumer<CodeBuilder> made =
                into -> {
                    for (int i = 0; i < slots.length; i++) {
                        into.loadLocal(kinds.get(i), slots[i]);
                    }
                    into.with(call);
                };
        builder.trying(
                made::accept,
                handlers ->
                        handlers.catchingAll(
                                handler -> {
                                    handler.pop();
                                    onError.write(handler, made);
                                }));
    }
}
