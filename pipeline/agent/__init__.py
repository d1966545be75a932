"""The log agents: one model of what is done with a line, and a writer for each agent."""
