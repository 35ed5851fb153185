"""The experiments of the Lab: questions, claims, protocols, what was measured, in plain figures."""
