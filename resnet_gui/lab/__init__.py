"""The Lab: experiments with their claims, what they measured, and what that says about the claims."""
