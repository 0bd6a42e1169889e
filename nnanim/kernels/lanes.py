"""Lanes: sixteen numbers that compiled code computes with as one.

A compiler makes vector code of a plain loop where it can prove enough about it. Here the vectors
are said: compiled functions take lanes from memory, compute with + - * / and the functions below,
and put them back; the processor does sixteen at once, or four times four. That compiles in a
fraction of the time, and the order in which numbers are added up is ours. Products and sums may be
fused; no other liberty is taken, so NaN and infinity keep their meaning.

Memory is reached through `pointer(array, 0)`; its indices are not checked.
"""

import inspect
import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

LANES = 16

_FUSED = ("contract",)
_INDEX = ir.IntType(64)


class Lanes(types.Type):
    """The type of `LANES` numbers of one float type."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        super().__init__(name=f"Lanes({dtype})")


@register_model(Lanes)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        element = manager.lookup(lanes.dtype).get_data_type()
        kind = ir.VectorType(element, LANES)
        super().__init__(manager, lanes, kind)  # type: ignore[no-untyped-call]


def _computed(symbol: Any, instruction: str) -> None:
    """Let `symbol` between lanes be that instruction."""

    def typer(_context: Any) -> Callable[[Any, Any], Any]:
        return lambda a, b: a if isinstance(a, Lanes) and a == b else None

    def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return getattr(builder, instruction)(*arguments, flags=_FUSED)

    type_callable(symbol)(typer)
    lower_builtin(symbol, Lanes, Lanes)(code)  # type: ignore[no-untyped-call]


for _name, _instruction in (("add", "fadd"), ("sub", "fsub"), ("mul", "fmul"), ("truediv", "fdiv")):
    _computed(getattr(operator, _name), _instruction)
    _computed(getattr(operator, f"i{_name}"), _instruction)


def compiled_to(signature: Callable[..., Any]) -> Callable[[Callable[..., Any]], Any]:
    """Make a function of compiled code from its types and the instructions that it stands for.

    `signature` gives numba's signature for the types of the arguments. What is decorated writes
    the instructions: it is given a builder, LLVM's type of the result and the arguments' values.
    """

    def decorate(write: Callable[..., Any]) -> Any:
        def recipe(_typing: Any, *arguments: Any) -> Any:
            def code(context: Any, builder: Any, given: Any, values: Any) -> Any:
                # Unrolled loops over lanes cost half of the compiler's time and are no faster.
                if any(isinstance(t, Lanes) for t in (given.return_type, *given.args)):
                    builder.function.attributes.add("optsize")
                kind = context.get_value_type(given.return_type)
                return write(builder, kind, *values) or context.get_dummy_value()

            return signature(*arguments), code

        # numba reads the parameters, and knows no *arguments.
        first = inspect.Parameter("_typing", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        rest = inspect.signature(signature).parameters.values()
        recipe.__name__ = write.__name__
        recipe.__signature__ = inspect.Signature([first, *rest])  # type: ignore[attr-defined]
        return intrinsic(recipe)

    return decorate


def call(b: Any, name: str, kind: Any, *values: Any) -> Any:
    """Call LLVM's own function of that name, which returns `kind`."""
    function = ir.FunctionType(kind, [value.type for value in values])
    named = cgutils.get_or_insert_function(b.module, function, name)  # type: ignore[no-untyped-call]
    return b.call(named, values)


def suffix(kind: Any) -> str:
    """Return what LLVM adds to its functions' names for a type, as "f32" or "v16f64"."""
    if isinstance(kind, ir.VectorType):
        return f"v{kind.count}{suffix(kind.element)}"
    return "f32" if isinstance(kind, ir.FloatType) else "f64"


# -- memory ----------------------------------------------------------------------------------------


def _pointer(_typing: Any, array: Any, start: Any) -> Any:
    """Return where the numbers of a contiguous array are, from number `start` on."""
    if array.layout != "C" or not isinstance(start, types.Integer):
        return None

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        model = context.data_model_manager[signature.args[0]]
        return builder.gep(model.get(builder, values[0], "data"), [values[1]])

    return types.CPointer(array.dtype)(array, types.intp), code  # type: ignore[no-untyped-call]


pointer: Any = intrinsic(_pointer)


@compiled_to(lambda p, _i: Lanes(p.dtype)(p, types.intp))
def load(b: Any, kind: Any, p: Any, i: Any) -> Any:
    """Return p[i], p[i + 1] …"""
    return b.load(_place(b, kind, p, i), align=_size(kind))


@compiled_to(lambda p, _i, lanes: types.void(p, types.intp, lanes))
def store(b: Any, _: Any, p: Any, i: Any, lanes: Any) -> None:
    """Set p[i], p[i + 1] … to the lanes."""
    b.store(lanes, _place(b, lanes.type, p, i), align=_size(lanes.type))


@compiled_to(lambda p, _i, _count: Lanes(p.dtype)(p, types.intp, types.intp))
def load_first(b: Any, kind: Any, p: Any, i: Any, count: Any) -> Any:
    """Return p[i], p[i + 1] …: the first `count`, then zeros."""
    place, size = _place(b, kind, p, i), _number(_size(kind))
    name = f"llvm.masked.load.{suffix(kind)}.p0"
    return call(b, name, kind, place, size, _below(b, count), _zero(kind))


@compiled_to(lambda p, _i, lanes, _count: types.void(p, types.intp, lanes, types.intp))
def store_first(b: Any, _: Any, p: Any, i: Any, lanes: Any, count: Any) -> None:
    """Set p[i], p[i + 1] … to the first `count` lanes."""
    place, size = _place(b, lanes.type, p, i), _number(_size(lanes.type))
    name = f"llvm.masked.store.{suffix(lanes.type)}.p0"
    call(b, name, ir.VoidType(), lanes, place, size, _below(b, count))


@compiled_to(lambda p, _start, order, _i: Lanes(p.dtype)(p, types.intp, order, types.intp))
def gather(b: Any, kind: Any, p: Any, start: Any, order: Any, i: Any) -> Any:
    """Return p[start + order[i]], p[start + order[i + 1]] …; processors have no faster way."""
    lanes, begin = ir.Constant(kind, ir.Undefined), b.gep(p, [start])
    for lane in range(LANES):
        chosen = b.load(b.gep(order, [b.add(i, ir.Constant(_INDEX, lane))]))
        lanes = b.insert_element(lanes, b.load(b.gep(begin, [chosen])), _number(lane))
    return lanes


@compiled_to(lambda p, _i: Lanes(p.dtype)(p, types.intp))
def spread(b: Any, _: Any, p: Any, i: Any) -> Any:
    """Return p[i] in every lane."""
    return _in_all(b, b.load(b.gep(p, [i])))


@compiled_to(lambda p, _value: Lanes(p.dtype)(p, types.float64))
def constant(b: Any, kind: Any, _p: Any, value: Any) -> Any:
    """Return `value` in every lane, as a number of the kind that p points to."""
    narrow = isinstance(kind.element, ir.FloatType)
    return _in_all(b, b.fptrunc(value, kind.element) if narrow else value)


@compiled_to(lambda lanes: lanes.dtype(lanes))
def one(b: Any, _: Any, lanes: Any) -> Any:
    """Return the number in the first lane."""
    return b.extract_element(lanes, _number(0))


# -- arithmetic ------------------------------------------------------------------------------------


@compiled_to(lambda lanes: lanes(lanes))
def total(b: Any, _: Any, lanes: Any) -> Any:
    """Return the sum over the lanes in every lane: halves are added up, again and again."""
    width = LANES
    while width > 1:
        width //= 2
        lower = b.shuffle_vector(lanes, lanes, _numbers(range(width)))
        upper = b.shuffle_vector(lanes, lanes, _numbers(range(width, 2 * width)))
        lanes = b.fadd(lower, upper)
    return b.shuffle_vector(lanes, lanes, _numbers([0] * LANES))


@compiled_to(lambda _p, _q, _n, like: like(_p, _q, types.intp, like))
def eight_sums(b: Any, kind: Any, p: Any, q: Any, n: Any, _like: Any) -> Any:
    """Return the sum of (p[i] - q[i])² over n numbers, a multiple of eight, in the type of `like`.

    Every eighth is added up by itself, then neighbours, as numpy does; nothing is fused.
    """
    vector = ir.VectorType(kind, 8)
    sums = cgutils.alloca_once_value(b, ir.Constant(vector, None))  # type: ignore[no-untyped-call]
    step = ir.Constant(_INDEX, 8)
    with cgutils.for_range_slice(b, ir.Constant(_INDEX, 0), n, step, _INDEX) as (i, _):
        off = b.fsub(_eight(b, vector, p, i), _eight(b, vector, q, i))
        b.store(b.fadd(b.load(sums), b.fmul(off, off)), sums)
    found = [b.extract_element(b.load(sums), _number(k)) for k in range(8)]
    while len(found) > 1:
        found = [b.fadd(x, y) for x, y in zip(found[::2], found[1::2], strict=True)]
    return found[0]


@compiled_to(lambda x, y, above, otherwise: above(x, y, above, otherwise))
def choose(b: Any, _: Any, x: Any, y: Any, above: Any, otherwise: Any) -> Any:
    """Return `above` in the lanes where x > y, else `otherwise`."""
    return b.select(b.fcmp_ordered(">", x, y), above, otherwise)


@compiled_to(lambda lanes, _count: lanes(lanes, types.intp))
def first(b: Any, kind: Any, lanes: Any, count: Any) -> Any:
    """Return the first `count` lanes, then zeros."""
    return b.select(_below(b, count), lanes, _zero(kind))


@compiled_to(lambda lanes: lanes(lanes))
def sqrt(b: Any, kind: Any, lanes: Any) -> Any:
    """Return the square roots."""
    return call(b, f"llvm.sqrt.{suffix(kind)}", kind, lanes)


@compiled_to(lambda lanes: lanes(lanes))
def absolute(b: Any, kind: Any, lanes: Any) -> Any:
    """Return the absolute values."""
    return call(b, f"llvm.fabs.{suffix(kind)}", kind, lanes)


# -- inside ----------------------------------------------------------------------------------------


def _place(b: Any, kind: Any, p: Any, i: Any) -> Any:
    return b.bitcast(b.gep(p, [i]), kind.as_pointer())


def _eight(b: Any, vector: Any, p: Any, i: Any) -> Any:
    """Return p[i] … p[i + 7] as a vector of that type."""
    given = ir.VectorType(p.type.pointee, vector.count)
    numbers = b.load(_place(b, given, p, i), align=_size(given))
    if given == vector:
        return numbers
    return (b.fpext if _size(given) < _size(vector) else b.fptrunc)(numbers, vector)


def _number(value: int) -> Any:
    return ir.Constant(ir.IntType(32), value)


def _size(kind: Any) -> int:
    """Return the bytes of one number of a vector."""
    return 4 if isinstance(kind.element, ir.FloatType) else 8


def _numbers(values: Any) -> Any:
    numbers = list(values)
    return ir.Constant(ir.VectorType(ir.IntType(32), len(numbers)), numbers)


def _zero(kind: Any) -> Any:
    return ir.Constant(kind, None)


def _in_all(b: Any, value: Any) -> Any:
    nothing = ir.Constant(ir.VectorType(value.type, LANES), ir.Undefined)
    start = b.insert_element(nothing, value, _number(0))
    return b.shuffle_vector(start, nothing, _numbers([0] * LANES))


def _below(b: Any, count: Any) -> Any:
    numbers = ir.Constant(ir.VectorType(_INDEX, LANES), list(range(LANES)))
    return b.icmp_signed("<", numbers, _in_all(b, count))
