"""Finds queries in the code of ``db/`` that read what belongs to images without a predicate.

A query is an expression that selects, deletes, updates, executes, or is SQL in words. It has to
name a predicate of ``db.access`` itself, or something that was made with one; in several steps, its
name has to get one in some step. What else stands in the same function or class does not count.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

WATCHED = frozenset(
    {"images", "image_tags", "image_shares", "links", "fingerprints", "different_images"}
    | {"image_terms"}
)
PREDICATES = frozenset({"visible_to", "owned_by", "VISIBLE_TO_USER"})
QUERY = frozenset({"select", "exists", "delete", "update", "text"})
EXECUTE = frozenset({"execute", "exec_driver_sql", "scalar", "scalars", "stream"})
SQL = re.compile(
    rf"\b(select|delete|update)\b.*\b({'|'.join(WATCHED)})\b", re.IGNORECASE | re.DOTALL
)
DB = "imgrepo_server.db"

Function = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Names:
    """What names mean in one place: tables and what is made of them, modules, and predicates."""

    tables: set[str] = field(default_factory=set)
    modules: dict[str, str] = field(default_factory=dict)
    predicates: set[str] = field(default_factory=set)
    builders: frozenset[str] = frozenset()

    def within(self) -> "Names":
        """The same for a place inside of it, which has names of its own."""
        return Names(set(self.tables), self.modules, set(self.predicates), self.builders)


def bare_queries(sources: Mapping[str, str], builders: Collection[str] = ()) -> Iterator[str]:
    """``module.name`` of what has a query without a predicate; ``sources`` by module.

    ``builders`` are functions, by the same names, that leave the predicate to who calls them: to
    call one is a query.
    """
    trees = {name: ast.parse(text) for name, text in sources.items()}
    tables: dict[str, set[str]] = {"tables": set(WATCHED)}
    for _ in range(3):  # names that are made of names of other modules
        for name, tree in trees.items():
            if name != "tables":
                tables[name] = module_names(tree, tables).tables
    for name, tree in trees.items():
        names = module_names(tree, tables)
        names.builders = frozenset(
            one.partition(".")[2] for one in builders if one.partition(".")[0] == name
        )
        for place in sorted(set(bare_places(tree, names, tables))):
            yield f"{name}.{place}"


def module_names(tree: ast.Module, tables: Mapping[str, Collection[str]]) -> Names:
    """What the names of a module mean."""
    names = Names()
    learn_imports(tree, names, tables)
    inside = (*Function, ast.ClassDef)
    learn(statements([part for part in tree.body if not isinstance(part, inside)]), names, tables)
    return names


def learn_imports(tree: ast.AST, names: Names, tables: Mapping[str, Collection[str]]) -> None:
    for part in ast.walk(tree):
        if isinstance(part, ast.Import):
            for alias in part.names:
                if alias.name.startswith(f"{DB}.") and alias.asname:
                    names.modules[alias.asname] = alias.name.removeprefix(f"{DB}.")
        elif isinstance(part, ast.ImportFrom) and (part.module or "").startswith(DB):
            module = (part.module or "").removeprefix(DB).removeprefix(".")
            for alias in part.names:
                known = alias.asname or alias.name
                if not module:
                    names.modules[known] = alias.name
                elif module == "access" and alias.name in PREDICATES:
                    names.predicates.add(known)
                elif alias.name in tables.get(module, ()):
                    names.tables.add(known)


def learn(
    body: Sequence[ast.stmt], names: Names, tables: Mapping[str, Collection[str]], own: str = ""
) -> None:
    """Take in what is assigned, until nothing new is learnt. ``own``: only names that begin so."""
    before = -1
    while before != len(names.tables) + len(names.predicates):
        before = len(names.tables) + len(names.predicates)
        for statement in body:
            value = getattr(statement, "value", None)
            targets = [name for name in assigned(statement) if name.startswith(own)]
            if value is None or runs(value):
                continue
            if has_predicate(value, names):
                names.predicates.update(targets)
            elif has_table(value, names, tables) and not makes_statement(value, names):
                names.tables.update(targets)


def bare_places(
    tree: ast.Module, names: Names, tables: Mapping[str, Collection[str]]
) -> Iterator[str]:
    for statement in tree.body:
        if isinstance(statement, Function):
            if bare_function(statement, names, tables):
                yield statement.name
        elif isinstance(statement, ast.ClassDef):
            methods = [part for part in statement.body if isinstance(part, Function)]
            inside = names.within()
            learn(statements(methods), inside, tables, own="self.")
            for method in methods:
                if bare_function(method, inside, tables):
                    yield f"{statement.name}.{method.name}"
            rest = [part for part in statement.body if part not in methods]
            if any(is_bare(part, names, tables) for part in statements(rest)):
                yield statement.name
        else:
            for part in statements([statement]):
                if is_bare(part, names, tables):
                    yield next(iter(assigned(part)), f"line {part.lineno}")


def bare_function(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    names: Names,
    tables: Mapping[str, Collection[str]],
) -> bool:
    inside, body = names.within(), statements(function.body)
    learn(body, inside, tables)
    inside.tables -= inside.predicates  # in several steps
    return any(is_bare(part, inside, tables) for part in body)


def is_bare(statement: ast.stmt, names: Names, tables: Mapping[str, Collection[str]]) -> bool:
    """Whether a statement has a query without a predicate, and is no step towards one."""
    if any(name in names.predicates for name in assigned(statement)) and not runs(statement):
        return False
    return any(
        has_table(query, names, tables) and not has_predicate(query, names)
        for part in own_expressions(statement)
        for query in queries(part, names)
    )


def statements(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """All statements in there, whatever they are nested in; strings that stand alone apart."""
    return [
        part
        for statement in body
        for part in ast.walk(statement)
        if isinstance(part, ast.stmt)
        and not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
    ]


def own_expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """What stands in a statement itself, and not in statements inside of it."""
    for part in ast.iter_child_nodes(statement):
        if isinstance(part, ast.withitem):
            yield part.context_expr
        elif isinstance(part, ast.expr):
            yield part


def assigned(statement: ast.AST) -> Iterator[str]:
    """The names that a statement gives something, ``self.x`` among them."""
    targets = getattr(statement, "targets", [getattr(statement, "target", None)])
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    yield part.id
                elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                    yield f"{part.value.id}.{part.attr}"


def queries(node: ast.AST, names: Names) -> Iterator[ast.AST]:
    """The outermost queries; of what executes one, that one."""
    words = set(chain(node))
    if words & (QUERY | names.builders):
        yield node
        return
    inner = [query for part in ast.iter_child_nodes(node) for query in queries(part, names)]
    if words & EXECUTE and not makes_statement(node, names):
        yield node
    yield from inner


def makes_statement(node: ast.AST, names: Names) -> bool:
    """Whether a query, or what only writes, is made in there: that is looked at by itself."""
    words = QUERY | names.builders | {"insert"}
    return any(words & set(chain(part)) for part in ast.walk(node))


def chain(node: ast.AST) -> Iterator[str]:
    """The names of the calls in ``one(…).two(…).three(…)``, in lower case."""
    if not isinstance(node, ast.Call):
        return
    called = node.func
    while True:
        if isinstance(called, ast.Call):
            called = called.func
        elif isinstance(called, ast.Attribute):
            yield called.attr.lower()
            called = called.value
        else:
            if isinstance(called, ast.Name):
                yield called.id.lower()
            return


def runs(node: ast.AST) -> bool:
    """Whether anything is executed in there: what comes out of that is no query any more."""
    return any(EXECUTE & set(chain(part)) for part in ast.walk(node))


def has_table(node: ast.AST, names: Names, tables: Mapping[str, Collection[str]]) -> bool:
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name) if name in names.tables | names.builders:
                return True
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                if f"{module}.{name}" in names.tables:
                    return True
                if name in tables.get(names.modules.get(module, ""), ()):
                    return True
            case ast.Constant(value=str(text)) if text in WATCHED or SQL.search(text):
                return True
    return False


def has_predicate(node: ast.AST, names: Names) -> bool:
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name) if name in names.predicates:
                return True
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                if f"{module}.{name}" in names.predicates:
                    return True
                if names.modules.get(module) == "access" and name in PREDICATES:
                    return True
    return False
