"""The recorded runs that come with the program: their names, and what was measured of their networks."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError
from resnet_gui.base.files import assets, read_text
from resnet_gui.runs.scan import RECORDINGS

RECORDED: Final = ("plain-20", "ResNet-20", "plain-56", "ResNet-56")
"""Names of the recorded runs, the networks of He et al. 2015, section 4.2, on the digits inside; their folders too."""

EXPERIMENT_OF_RECORDED: Final = "degradation"
"""The experiment of the Lab that the recorded runs show with one seed."""

AGREEMENT_FILE: Final = "block-agreement.json"


def recordings_folder() -> Path:
    """Where the recorded runs lie, and what was measured of their networks."""
    return assets() / RECORDINGS


class BlockAgreement(msgspec.Struct, frozen=True):
    """The likeness of the gradients that two almost equal pictures give each block of a network before any training.

    Attributes:
        name: of the network.
        blocks: of each stage.
        values: of each block, input first: correlation of the gradients at the block's input of neighbouring pictures
            on a line between two digits, from −1 to 1; a mean over the seeds (Balduzzi et al. 2017).
    """

    name: str
    blocks: tuple[int, ...]
    values: tuple[float, ...]


class AgreementFile(msgspec.Struct, frozen=True):
    """The content of ``block-agreement.json``.

    Attributes:
        points: pictures on the line.
        seeds: of the weights and of the two digits.
        networks: what was measured.
    """

    points: int
    seeds: tuple[int, ...]
    networks: tuple[BlockAgreement, ...]


def read_agreement() -> AgreementFile:
    """What was measured of the blocks of the recorded networks.

    Raises:
        InputError: the file is missing or no such file.
    """
    path = recordings_folder() / AGREEMENT_FILE
    text = read_text(path, "file of block agreements")
    try:
        return msgspec.json.decode(text, type=AgreementFile)
    except msgspec.MsgspecError as error:
        fault = decoding_fault(error, text, AgreementFile)
        raise InputError(f"{path} cannot be used: {fault}; install the program anew.") from error
