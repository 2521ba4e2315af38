"""The flow of workflows/benches/decide.rs in Python's engines: a ring of eight states, three conditions a step.

Usage: peers.py viewflow|spiff. Prints transitions a second.
"""

import sys
import time

STATES = 8


class Record:
    priority, assignee, actor, cost = "high", 1, 1, 120.5


CONDITIONS = (
    lambda record: record.priority == "high",
    lambda record: record.assignee is not None and record.assignee == record.actor,
    lambda record: record.cost is None or record.cost <= 500,
)


def rate(turn):
    """Runs `turn`, which says how many transitions it made, for two seconds."""
    turn()
    began, times = time.perf_counter(), 0
    while time.perf_counter() - began < 2:
        times += turn()
    return round(times / (time.perf_counter() - began))


def viewflow():
    from django.conf import settings

    settings.configure()
    from viewflow import fsm

    state = fsm.State([f"s{i}" for i in range(STATES)], default="s0")
    # a condition takes the flow; each is one of its own, as there
    conditions = [lambda flow, holds=holds: holds(flow.record) for holds in CONDITIONS]
    body = {"state": state, "record": Record()}
    for i in range(STATES):
        step = state.transition(source=f"s{i}", target=f"s{(i + 1) % STATES}", conditions=conditions)
        body[f"go{i}"] = step(lambda self: None)
    flow = type("Flow", (), body)()
    presses = [f"go{i}" for i in range(STATES)]

    def turn():
        for press in presses:
            getattr(flow, press)()
        return STATES

    answer = rate(turn)
    assert flow.state == "s0", flow.state
    return answer


def spiff():
    from SpiffWorkflow import TaskState, Workflow
    from SpiffWorkflow.specs import Simple, WorkflowSpec

    # without loops: a record goes once around, then another begins
    spec = WorkflowSpec("job", addstart=True)
    last = spec.start
    for i in range(STATES):
        task = Simple(spec, f"s{i}")
        last.connect(task)
        last = task
    record = Record()

    def turn():
        flow = Workflow(spec)
        while (task := flow.get_next_task(state=TaskState.READY)) is not None:
            if not all(holds(record) for holds in CONDITIONS):
                raise AssertionError("the press was refused")
            flow.run_task_from_id(task.id)
        assert flow.is_completed()
        return STATES

    return rate(turn)


print({"viewflow": viewflow, "spiff": spiff}[sys.argv[1]]())
