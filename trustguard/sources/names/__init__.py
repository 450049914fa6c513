"""Name confusion: which better known project a name may be taken for, offline, from the popular list.

``index`` finds candidates, ``features`` says in numbers what there is to say of each, ``model`` weighs it
(logistic regression; the weights are data, fitted by benchmarks/names.py), and ``look`` puts it together.
"""

from trustguard.sources.names.look import Names
from trustguard.sources.names.model import Model, bundled_model

__all__ = ["Model", "Names", "bundled_model"]
