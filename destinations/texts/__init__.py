"""What a text message means: layers that a person can read, tried in order; the first that fits decides.

Wrong to hear nothing in a real stop is the worst error there is; wrong to hear a stop in a confirmation the
second. Where a stop-like word stands and no layer is sure, a person reads it, and texts are held meanwhile.
"""

from destinations.texts.layers import Understood, understand

__all__ = ["Understood", "understand"]
