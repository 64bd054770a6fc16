"""Compiled kernels on plain arrays: searches, nearest places, contraction and sweeps.

Each is a small function with its invariant in a comment; none keeps any state. Importing this
package imports numba, so ``siting.network.engines`` does it only when the work repays the start-up.
"""
