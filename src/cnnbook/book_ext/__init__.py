"""The Sphinx extension of this book alone: its claims, atlas and API pages, on top of `cnnbook.sphinx_ext`.

    {verdict}`C26`          a claim's verdict, linked to its row on the page of all claims
    :::{claims} C25 C26     a table of these claims; without ids, of all, with filters and a search
    :::{claim-strips}       a strip for each part of every claim, grouped by what is claimed
    :::{answer} C25 C26     the sentence that these claims' verdicts choose: see `answers`
    {guarded}`codes.silence_gain > 0.02 | more | not clearly more`
                            words that stand while a number decides so: see `guards`
    :::{atlas}              links to the overviews of the atlas, with what each holds

Records of claims come from the preparation of the build as the configuration value `cnnbook_claims` (see
`cnnbook.claims.report.claim_record`); all of them stand in the file `claims.json` too. The atlas's records
and pictures are what the preparation left in the state's folder (see `cnnbook.atlas`): without them no
page of it is written, else `atlas/<layer>.html` for every layer and `atlas/<layer>/<map>.html` for every map.
"""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from cnnbook.book_ext import answers, api, atlas, claims, guards
from cnnbook.sphinx_ext.pages import add_assets, extension_metadata


def setup(app: Sphinx) -> dict[str, Any]:
    """Register API pages, claims and atlas with Sphinx."""
    for part in (api, claims, answers, guards, atlas):
        part.setup(app)
    add_assets(app, Path(__file__).parent)
    return extension_metadata(Path(__file__).parent)
