"""Why an event fits nothing is said in words that can be translated."""

import ast
import inspect

from pbx_bridge.tracker import faults, tracker


def test_no_rule_makes_up_words_of_its_own() -> None:
    own = [
        (rule.__name__, node.value.value)
        for rule in set(tracker.RULES.values())
        for node in ast.walk(ast.parse(inspect.getsource(rule)))
        if isinstance(node, ast.Return)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
    assert own == []
    assert len(faults.ALL) > 20
