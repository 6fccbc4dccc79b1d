"""The website banner: what visitors of any site decide before anybody knows who they are."""
