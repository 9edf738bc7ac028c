"""The demo brand: set up, lived through by the simulator, reported."""
