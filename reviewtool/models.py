"""Every table of the product, imported in one place so that the metadata is complete."""

import reviewtool.audit
import reviewtool.bias.models
import reviewtool.certainty.models
import reviewtool.extraction.models
import reviewtool.jobs
import reviewtool.once
import reviewtool.protocol.models
import reviewtool.references.models
import reviewtool.reporting.models
import reviewtool.screening.models
import reviewtool.synthesis.models
import reviewtool.team.models  # noqa: F401
