"""`python -m siyu` is the same as `siyu`."""

import sys

from siyu.site.command import main

sys.exit(main())
