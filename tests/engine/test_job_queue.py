"""Short questions about an evaluation overtake one that is being measured."""

from __future__ import annotations

from resnet_gui.engine.handlers import JobContext
from resnet_gui.engine.job_queue import JobQueue
from resnet_gui.protocol.evaluation_messages import MeasureDepth, PrepareEvaluated, ShowEvaluated
from resnet_gui.protocol.jobs import Job


def test_a_measurement_that_goes_on_lets_short_questions_through_and_hears_when_it_is_given_up() -> None:
    queue, done = JobQueue(), list[Job]()
    context = JobContext(lambda _event: None, queue, done.append)
    measurement = MeasureDepth(1, "/e")
    queue.put(measurement)
    assert queue.take() is measurement
    go_on = context.interruptible(1)
    waiting = (MeasureDepth(2, "/e"), ShowEvaluated(3, "/e", (1,)), PrepareEvaluated(4, "/e", 1))
    for job in waiting:
        queue.put(job)
    assert go_on()
    assert done == [*waiting[1:]]
    queue.drop(1)
    assert not go_on()
    assert queue.take() is waiting[0]
