"""What walkthroughs are made of: a chain, a stage for the story, a count of what it has shown."""
