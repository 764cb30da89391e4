"""Figures of Playground, each as a ratio or a difference against going straight to the upstream in the same run; `tutorial` is what to beat."""
