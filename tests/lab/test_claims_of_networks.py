"""Claims name the networks that were measured, and need what they say of them."""

from __future__ import annotations

import re

import msgspec
import pytest

from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.results import NetworkOfRole, Results
from tests.lab import made_results as made
from tests.lab.test_claims import TRUTHS, judged


def with_networks(results: Results, **networks: NetworkOfRole) -> Results:
    changed = {role.replace("_", "-"): network for role, network in networks.items()}
    return msgspec.structs.replace(results, networks={**results.networks, **changed})


def test_a_claim_names_the_networks_that_were_measured() -> None:
    results = with_networks(made.lesions(), plain=NetworkOfRole(14, False, 10))
    assert judged("lesion-study", "plain-cannot", results).claim.measured.startswith("plain-14: ")
    assert judged("lesion-study", "smooth", results).claim.measured.startswith("ResNet-56: ")
    unnamed = judged("lesion-study", "smooth", msgspec.structs.replace(results, networks={}))
    assert unnamed.claim.measured.startswith("largest rise")


def test_claims_about_roles_name_them_and_no_network_of_their_own() -> None:
    for experiment in EXPERIMENTS.values():
        for claim in experiment.claims if experiment.roles else ():
            assert claim.roles
            assert set(claim.roles) <= {role.key for role in experiment.roles}
            assert not re.search(r"(plain|ResNet)-[0-9]|[0-9]+ layers: ", f"{claim.measured} {claim.title}")


@pytest.mark.parametrize(
    ("experiment", "key", "other"),
    [
        ("lesion-study", "same-depth", NetworkOfRole(14, False, 10)),
        ("loss-landscape", "rougher", NetworkOfRole(44, False, 10)),
    ],
)
def test_networks_of_two_depths_do_not_decide_a_claim_about_one(
    experiment: str, key: str, other: NetworkOfRole
) -> None:
    true = TRUTHS[experiment, key][0]()
    outcome = judged(experiment, key, with_networks(true, plain=other))
    assert outcome.verdict == "cannot tell"
    assert outcome.reason.startswith(f"not of one depth: plain-{other.depth} and ResNet-")
    unknown = judged(experiment, key, msgspec.structs.replace(true, networks={}))
    assert unknown.verdict == "cannot tell"
    assert unknown.reason


def test_a_fitted_network_is_one_far_below_the_loss_of_guessing_among_its_own_classes() -> None:
    results = made.landscapes(plain_loss=1.0)
    both = {
        role: {seed: msgspec.structs.replace(one, training_loss=1.0) for seed, one in found.items()}
        for role, found in results.measured.items()
    }
    results = msgspec.structs.replace(results, measured=both)
    assert judged("loss-landscape", "rougher", results).verdict == "reproduced"
    two, many = NetworkOfRole(32, False, 2), NetworkOfRole(32, True, 2)
    outcome = judged("loss-landscape", "rougher", with_networks(results, plain=two, residual=many))
    assert outcome.verdict == "cannot tell"
    assert "neither has fitted" in outcome.reason
    outcome = judged("loss-landscape", "rougher", with_networks(results, plain=two))
    assert outcome.reason == "not comparable: networks of 2 and 10 classes"


def test_a_claim_without_a_network_says_that_no_run_of_it_was_given() -> None:
    whole = made.lesions()
    absent = {"plain": dict.fromkeys(whole.seeds, "No run of a plain network was given.")}
    results = msgspec.structs.replace(whole, measured={**whole.measured, "plain": {}}, absent=absent)
    assert judged("lesion-study", "plain-cannot", results).reason == "No run of a plain network was given"
    assert judged("lesion-study", "smooth", results).verdict == "reproduced"
