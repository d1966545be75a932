"""An audit for people, for programs, for a test report and for a browser."""
