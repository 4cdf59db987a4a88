"""The agent of taraSysDash: measures one machine and pushes the samples to a server."""
