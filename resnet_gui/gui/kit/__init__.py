"""Widgets and helpers that know no word of this program.

superqt has some of them too: ``QElidingLabel`` for ``ElidedLabel``, ``QToggleSwitch`` for ``ToggleSwitch``,
``QCollapsible`` for ``Collapsible``, ``qdebounced`` and ``qthrottled`` for ``Debounce`` and ``Throttle``. Its import
takes 196 ms where all of QtWidgets takes 95 ms, the first paint would wait for it, and it brings qtpy and pygments.
"""
