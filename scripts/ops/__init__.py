"""Operations of a market, by the Safe or by a vote; one command per task.

Ape reads the files of this folder with `scripts` alone on the path, and takes the project's own
folder off it: this puts it back, in a spelling that Ape leaves alone.
"""

import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), *2 * [os.pardir], ""))
