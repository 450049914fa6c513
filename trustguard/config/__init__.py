"""The layers of ``trustguard.toml``, joined to one policy. The keys are described in docs/configuration.md.

From the first word to the last: the organisation's file (``org``), the user's (``user``), the project's
(``project``), the file that ``TRUSTGUARD_CONFIG`` names (``environment``), and the command line.

==========================  ==============================================================================
who says it                 what it may do
==========================  ==============================================================================
org                         set everything freely; what it sets is a floor for everybody below
project                     only tighten what holds so far, be it a layer's word or the built-in default;
                            what it sets is a floor too; never ``[[allow]]``, never ``exempt``, and no
                            names for an index that no layer above it names; where only the user is
                            stricter, its word is idle
user, environment,          set a key freely, even against each other and the built-in default, unless org or
command line                project has set it: then only tighten what holds so far
==========================  ==============================================================================

What "tighten" means, by key:

==========================  ==============================================================================
``profile``                 relaxed < balanced < strict
``unknown``                 allow < ask < block
``build-sandbox``           off < auto < require
``on-unavailable.*``        ignore < warn < ask < block, source by source
``checks.ID.action``        off < warn < ask < withhold < block, compared with what happens so far to a
                            finding of each severity; a profile that is a floor is one for every action
``checks.ID.SETTING``       as the check says (``cooldown``: longer); where it says nothing: no change
``checks.ID.exempt``        loosens: the globs of org, and where ``user-exceptions`` is "yes" those of user,
                            environment and command line, add up
``[[index]] namespaces``    tightens: add up, org's first and the project's last; one glob has one index
``[[index]] trust``         private < public
``[[index]] integrity``     false < true
``[[index]]                 true < false
forbids-missing``
``[[deny]]``                tightens: adds up
``[[publisher]]``           tightens: those of one layer are alternatives, and each layer that has one for a
                            project must be satisfied
``[[allow]]``               loosens: org's hold; those of user, environment and command line hold where
                            ``user-exceptions`` is "yes" (as without an org file), need approval at each use
                            where it is "ask" (as in an org file that does not say), and are an error at "no"
``user-exceptions``         org only
``message``                 the first one holds
``sources.max-age``         shorter
``sources.trust-root``      no change; never a project's
``sources.forges``          fewer
other sources, state        no change
==========================  ==============================================================================

What a layer may not say is an error and never ignored.
"""

from __future__ import annotations

from trustguard.config.document import LayerName
from trustguard.config.layers import Paths
from trustguard.config.loading import Configuration, Layer, load
from trustguard.config.reader import known_keys

__all__ = ["Configuration", "Layer", "LayerName", "Paths", "known_keys", "load"]
