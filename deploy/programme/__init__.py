"""The generator of sample data: `generate` makes a week, `write` stores it as files."""

from deploy.programme.generate import FeedFile, Programme, generate, write

__all__ = ["FeedFile", "Programme", "generate", "write"]
