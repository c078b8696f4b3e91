"""`python -m monitor`: the same as the command `floorwatch`. Owns nothing; next: `monitor.cli`."""

from monitor.cli import main

if __name__ == "__main__":
    main()
