"""The editor of website banners: drafts, how they look, publishing and bringing back."""
