"""Stories that show the whole interface of the contracts, one per concept.

Ape reads the files of this folder with `scripts` alone on the path, and takes the project's own
folder off it: this puts it back, in a spelling that Ape leaves alone.
"""

import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), *2 * [os.pardir], ""))
