"""A plugin of pytest that leaves out every test whose claim another checkout does not make.

``SAME_TESTS`` names the file with the names of the other checkout's test functions, one a line. Tests of one name claim
the same in both; some claims have been given another name since, and are taken under it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

RENAMED = {
    "test_ten_views_are_evaluated_on_files_only": "test_ten_views_are_evaluated_on_files_and_on_arrays",
    "test_a_file_imports_only_what_its_floor_may": "test_every_file_imports_only_what_its_room_may",
    "test_the_readme_has_a_row_for_every_floor_and_every_folder_is_a_floor": "test_a_row_whose_room_is_gone_is_found",
    "test_an_import_from_a_floor_above_or_of_a_strange_package_is_found": (
        "test_an_import_of_another_room_or_of_a_strange_package_is_found"
    ),
    "test_an_import_of_the_floor_itself_or_of_one_below_is_allowed": (
        "test_an_import_that_the_longest_row_or_an_exception_allows_is_no_fault"
    ),
    "test_no_file_class_or_function_is_larger_than_the_house_allows": (
        "test_no_folder_file_class_or_function_is_larger_than_the_house_allows"
    ),
    "test_what_is_just_small_enough_is_not_found": "test_what_is_just_small_enough_or_excused_is_no_fault",
    "test_the_plots_are_written_as_png_and_svg_that_can_be_read": (
        "test_the_plots_are_offered_as_figures_with_titles_units_and_the_names_of_the_runs"
    ),
    "test_a_click_on_a_shape_opens_the_calculator_beside_it_and_never_over_it": (
        "test_a_click_on_a_shape_opens_the_calculator_and_escape_closes_it"
    ),
    "test_the_ladder_has_every_stage_and_the_places_inside_of_any_block": (
        "test_cam_by_depth_has_every_stage_and_the_places_inside_of_any_block"
    ),
    "test_the_calculator_stays_inside_the_page_and_off_its_anchor": (
        "test_the_calculator_makes_room_for_itself_in_a_panel_and_covers_nothing"
    ),
    "test_a_broken_weights_file_gets_its_sentence_in_the_card_and_the_page_stays_usable": (
        "test_a_broken_weights_file_gets_its_sentence_in_the_card_and_the_network_before_it_stays"
    ),
    "test_a_png_shows_the_whole_network_at_any_scale": "test_a_png_shows_the_whole_network_at_any_width",
    "test_a_png_that_would_be_too_large_is_refused_with_the_largest_scale": (
        "test_a_png_that_would_be_too_large_is_refused_with_the_finest_that_fits"
    ),
    "test_undo_in_the_banner_takes_back_the_trash_and_never_a_later_edit": (
        "test_undo_beside_the_message_takes_back_the_trash_and_never_a_later_edit"
    ),
    "test_any_recipe_goes_through_the_form_unchanged": (
        "test_any_recipe_goes_through_the_form_unchanged_whatever_it_has_shown_before"
    ),
    "test_looks_at_values_beyond_any_number_are_refused_or_leave_them_out": (
        "test_maps_of_values_beyond_any_number_are_refused_in_a_sentence"
    ),
    "test_the_reach_of_a_unit_is_the_gradient_at_the_pixels": (
        "test_the_gradient_of_a_unit_is_that_of_autograd_at_the_pixels"
    ),
    "test_an_estimate_is_near_what_a_training_then_takes": (
        "test_an_estimate_is_what_steps_take_that_cost_the_same_beside_their_pictures"
    ),
    "test_about_half_of_the_pictures_are_mirrored_and_only_if_asked": (
        "test_about_half_of_the_pictures_are_mirrored_and_only_if_requested"
    ),
    "test_a_lesion_changes_the_answer_of_its_own_subject_only": (
        "test_a_lesion_changes_the_answer_of_its_own_request_only"
    ),
    "test_a_desk_answers_what_cannot_be_read_like_a_picture_and_stops_between_batches": (
        "test_an_inference_service_answers_what_cannot_be_read_like_a_picture_and_stops_between_batches"
    ),
    "test_an_agenda_gives_looks_first_to_who_asks_for_them_and_keeps_all_other_places": (
        "test_a_job_queue_gives_quick_questions_first_to_who_asks_for_them_and_keeps_all_other_places"
    ),
    "test_an_agenda_leaves_a_number_alone_that_does_not_wait_and_is_not_being_done": (
        "test_a_job_queue_leaves_a_number_alone_that_does_not_wait_and_is_not_being_done"
    ),
    "test_an_agenda_forgets_a_dropped_number_when_its_job_is_over_and_knows_its_end": (
        "test_a_job_queue_forgets_a_dropped_number_when_its_job_is_over_and_knows_its_end"
    ),
    "test_an_agenda_waits_for_a_job_that_another_thread_brings": (
        "test_a_job_queue_waits_for_a_job_that_another_thread_brings"
    ),
    "test_a_run_that_is_killed_ten_times_at_any_moment_ends_as_one_that_was_not": (
        "test_a_run_that_is_killed_ten_or_twenty_times_at_any_moment_ends_as_one_that_was_not"
    ),
    "test_biases_of_convolutions_begin_at_zero_and_those_of_gates_at_minus_six": (
        "test_biases_of_convolutions_begin_at_zero_and_those_of_gates_where_the_design_says"
    ),
    "test_a_whole_pickled_module_is_refused_and_its_state_dict_asked_for": (
        "test_a_whole_pickled_module_has_the_names_of_its_state_dict"
    ),
    "test_folded_and_fused_networks_give_the_answers_of_the_plain_one_for_every_other_preset": (
        "test_folded_and_fused_networks_give_the_answers_of_the_plain_one_at_full_depth"
    ),
}
"""Name then -> name now. What is missing here was given up with what it was about, or said within another test."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests whose functions the other checkout has too."""
    named = Path(os.environ["SAME_TESTS"]).read_text(encoding="utf-8").split()
    same = {RENAMED.get(name, name) for name in named}
    left_out = [item for item in items if item.name.partition("[")[0] not in same]
    items[:] = [item for item in items if item.name.partition("[")[0] in same]
    config.hook.pytest_deselected(items=left_out)
