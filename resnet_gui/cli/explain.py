"""``resnet-gui explain``: which pixels of pictures speak for a class, as pictures and as numbers."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import is_there
from resnet_gui.cli.argument_types import picture
from resnet_gui.cli.command import BAD_INPUT, OK, Command, complain, print_json, print_line
from resnet_gui.cli.model_options import add_model, add_model_options, model_request
from resnet_gui.cli.outputs import check_folder_to_make
from resnet_gui.protocol.attribution_settings import (
    BACKGROUNDS,
    BIAS_SHARES,
    METHODS,
    QUADRATURES,
    READ_BY,
    RULES,
    SPLITS,
    AttributionSettings,
)

OWN: Final = AttributionSettings()
"""The settings where none is given."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument("images", metavar="IMAGE|FOLDER", nargs="+", type=picture)
    parser.add_argument(
        "--method", dest="methods", action="append", required=True, choices=METHODS, help="how; repeatable"
    )
    parser.add_argument(
        "-o", "--output", dest="folder", required=True, type=Path, metavar="FOLDER",
        help="a picture and a .npy of each picture and method, and attributions.jsonl",
    )  # fmt: skip
    parser.add_argument(
        "--target", default="", metavar="CLASS|N", help="the class that is explained, not each picture's likeliest"
    )
    parser.add_argument(
        "--map", choices=("signed", "absolute"), default="signed", dest="shown",
        help="what pictures show: for and against (orange, blue), or how much",
    )  # fmt: skip
    parser.add_argument(
        "--sanity", action="store_true",
        help="the maps of networks with random weights too, from the head down (Adebayo et al. 2018)",
    )  # fmt: skip
    parser.add_argument("--sanity-seed", type=int, metavar="N", help=f"of these weights ({OWN.sanity_seed})")
    _add_settings(parser)
    add_model_options(parser, answers=False)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """Add an option for each setting of a method, None where it is not given."""
    methods = parser.add_argument_group("settings of methods")
    methods.add_argument(
        "--background",
        choices=BACKGROUNDS,
        help=f"baseline of integrated gradients, cover of occlusion ({OWN.background})",
    )
    methods.add_argument("--steps", type=int, metavar="N", help=f"of integrated gradients ({OWN.steps})")
    methods.add_argument("--quadrature", choices=QUADRATURES, help=f"of integrated gradients ({OWN.quadrature})")
    methods.add_argument(
        "--sigma", type=float, metavar="X", help=f"SmoothGrad's noise over the picture's range ({OWN.sigma:g})"
    )
    methods.add_argument("--samples", type=int, metavar="N", help=f"of SmoothGrad ({OWN.samples})")
    methods.add_argument("--seed", type=int, metavar="N", help=f"of SmoothGrad's noise ({OWN.seed})")
    methods.add_argument(
        "--window", type=int, metavar="N", help="pixels that occlusion covers (an eighth of the input)"
    )
    methods.add_argument("--stride", type=int, metavar="N", help="from window to window (half of it)")
    methods.add_argument("--rule", choices=RULES, help=f"of lrp; composite: z-plus, epsilon in the head ({OWN.rule})")
    methods.add_argument("--split", choices=SPLITS, help=f"how lrp shares an addition ({OWN.split})")
    methods.add_argument("--biases", choices=BIAS_SHARES, help=f"what lrp gives to biases ({OWN.biases})")
    methods.add_argument("--epsilon", type=float, metavar="X", help=f"stabiliser of lrp ({OWN.epsilon:g})")
    methods.add_argument("--gamma", type=float, metavar="X", help=f"of lrp's rule gamma ({OWN.gamma:g})")
    methods.add_argument("--location", metavar="PATH", help="where grad-cam looks (the last stage with a map)")


def _settings(options: argparse.Namespace) -> AttributionSettings:
    """The settings that are asked for.

    Raises:
        InputError: one is given that none of the methods reads.
    """
    read = {name for method in options.methods for name in READ_BY[method]}
    given = {name: getattr(options, name) for names in READ_BY.values() for name in names}
    given = {name: value for name, value in given.items() if value is not None}
    for name in given:
        if name not in read:
            owners = " and ".join(method for method, names in READ_BY.items() if name in names)
            raise InputError(f"--{name} is of {owners}, and says nothing about {', '.join(options.methods)}.")
    if "gamma" in given and given.get("rule", OWN.rule) != "gamma":
        raise InputError("--gamma is of lrp's rule gamma; add --rule gamma, or leave it out.")
    if options.sanity_seed is not None:
        if not options.sanity:
            raise InputError("--sanity-seed is of the sanity check; add --sanity.")
        given["sanity_seed"] = options.sanity_seed
    return msgspec.structs.replace(OWN, **given)


def _run(options: argparse.Namespace) -> int:
    settings = _settings(options)
    if not is_there(options.folder):
        check_folder_to_make("-o", options.folder)
    from resnet_gui.engine.explain.in_terminal import ExplainOrder, explain_here

    order = ExplainOrder(
        model_request=model_request(options), images=tuple(options.images),
        methods=tuple(dict.fromkeys(options.methods)), settings=settings, folder=options.folder, target=options.target,
        shown=options.shown, sanity=options.sanity,
    )  # fmt: skip
    document = explain_here(order, (lambda _line: None) if options.json else print_line, complain)
    if options.json:
        print_json(document)
    return BAD_INPUT if any("error" in result for result in document["results"]) else OK


COMMAND = Command("explain", "show which pixels speak for a class", _add_arguments, _run)
