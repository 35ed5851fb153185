"""``resnet-gui lab``: the experiments of the Lab, listed, run in this terminal, reported."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, get_args

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.base.text import seconds_text
from resnet_gui.cli.command import FAILED, OK, Command, Parser, complain, print_json, print_line
from resnet_gui.lab.card import encode_card, new_card, read_card
from resnet_gui.lab.documents import claims_csv, experiment_document, list_document, outcome_lines
from resnet_gui.lab.experiment import GROUPS, Experiment
from resnet_gui.lab.experiments import EXPERIMENTS, find_experiment
from resnet_gui.lab.reader import ResultsReader
from resnet_gui.lab.results import ScaleKey
from resnet_gui.protocol.lab_messages import MeasureExperiment
