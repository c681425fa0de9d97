"""Our own API for approved systems, one file for each thing that it promises."""
