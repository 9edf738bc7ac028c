"""`python -m siyu` is the same as `siyu`."""

import sys

from siyu.site.command import main

if __name__ == "__main__":
    sys.exit(main())
