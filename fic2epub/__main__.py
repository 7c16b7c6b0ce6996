"""``python -m fic2epub``."""

from fic2epub.cli import main

if __name__ == "__main__":
    main()
