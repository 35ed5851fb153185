"""What fails inside an engine is in the log, with its traceback; what the user did wrong is only answered."""

from __future__ import annotations

from collections.abc import Callable

from resnet_gui.base.log import log_path
from resnet_gui.design.presets import find_preset
from resnet_gui.protocol.events import Failed, Verified
from resnet_gui.protocol.jobs import Identify, Verify
from tests.conftest import EngineChild

FAILING = """
import threading
from resnet_gui.engine import __main__ as engine
from resnet_gui.engine.export import verify

real, calls = verify.verify, []

def fail(job, spec):
    calls.append(job)
    if len(calls) > 1:
        return real(job, spec)
    thread = threading.Thread(target=lambda: [][0], name="helper")
    thread.start()
    thread.join()
    raise ZeroDivisionError("inside the engine")

verify.verify = fail
engine.main()
"""


def test_a_job_and_a_thread_that_fail_inside_are_logged_and_the_engine_answers_the_next(
    fork_engine: Callable[..., EngineChild],
) -> None:
    engine = fork_engine("-c", FAILING)
    spec = find_preset("resnet20").spec
    engine.send(Verify(1, spec))
    failed = engine.wait_for(Failed)
    assert (failed.job, "ZeroDivisionError" in failed.details) == (1, True)
    engine.send(Identify(2, "/no/such/file"))
    assert engine.wait_for(Failed).job == 2
    engine.send(Verify(3, spec))
    assert engine.wait_for(Verified).job == 3
    logged = log_path().read_text(encoding="utf-8")
    assert logged.startswith("--- ResNet Explorer ")
    assert "resnet_gui.engine: A job of the kind Verify failed\nTraceback (most recent call last):\n" in logged
    assert "ZeroDivisionError: inside the engine\n" in logged
    assert "Thread helper failed: IndexError: list index out of range\nTraceback" in logged
    assert "Identify" not in logged, "a wrong path is no failure of the program"
