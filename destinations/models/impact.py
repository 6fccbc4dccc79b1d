"""What a draft of the policy would have done."""

from django.db import models

from preferences.models import Draft


class Impact(models.Model):
    """A draft judged on the events of some days before `begun_at`, newest first, a chunk at a time.

    `upto`: the forwarding below which nothing was judged yet: work that was broken off goes on there.
    `draft_saved_at`: the draft as it was then; saved again, it is judged anew. `counts`: by the system's key,
    how many events would be blocked that were not, would go that did not, stay, or can't be judged anew.
    `samples`: by the system's key and `blocked` or `released`, some forwardings.
    """

    draft = models.OneToOneField(Draft, on_delete=models.CASCADE, related_name="+")
    draft_saved_at = models.DateTimeField()
    stands = models.PositiveIntegerField("policy that stood")
    begun_at = models.DateTimeField()
    upto = models.BigIntegerField()
    seen_back_to = models.DateTimeField(null=True)
    judged = models.PositiveBigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    samples = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "impact of a draft"
        verbose_name_plural = "impacts of drafts"

    def __str__(self) -> str:
        return f"Impact of {self.draft}"
