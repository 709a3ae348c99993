"""`python -m cnnbook`: the same as the command `cnnbook`."""

from cnnbook.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
