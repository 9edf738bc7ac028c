"""One module per word of the `siyu` command: HELP, add_arguments, run."""
