"""Views: one file each, one line here; `Row` sets some of them side by side."""

from nnanim.row import Row as Row
from nnanim.views.activations import Activations
from nnanim.views.active_units import ActiveUnits
from nnanim.views.arrows import Arrows
from nnanim.views.contributions import Contributions
from nnanim.views.depth import Depth
from nnanim.views.fit import Fit
from nnanim.views.folding import Folding
from nnanim.views.hidden_space import HiddenSpace
from nnanim.views.hidden_space_3d import HiddenSpace3D, HiddenTriples
from nnanim.views.histogram import Histogram
from nnanim.views.input_space import InputSpace
from nnanim.views.jacobian import Jacobian
from nnanim.views.landscape import Landscape
from nnanim.views.line_1d import Line1D
from nnanim.views.loss import Loss
from nnanim.views.measures import LayerMeasures
from nnanim.views.network import Network
from nnanim.views.output_space import OutputSpace
from nnanim.views.parity import Parity
from nnanim.views.prediction import Prediction
from nnanim.views.probability import Probability
from nnanim.views.spectrum import Spectrum
from nnanim.views.surface import Surface
from nnanim.views.thresholds import Thresholds
from nnanim.views.topology import Topology
from nnanim.views.unit_lines import UnitLines
from nnanim.views.weights import Weights

__all__ = [
    "Activations",
    "ActiveUnits",
    "Arrows",
    "Contributions",
    "Depth",
    "Fit",
    "Folding",
    "HiddenSpace",
    "HiddenSpace3D",
    "HiddenTriples",
    "Histogram",
    "InputSpace",
    "Jacobian",
    "Landscape",
    "LayerMeasures",
    "Line1D",
    "Loss",
    "Network",
    "OutputSpace",
    "Parity",
    "Prediction",
    "Probability",
    "Spectrum",
    "Surface",
    "Thresholds",
    "Topology",
    "UnitLines",
    "Weights",
]


def __dir__() -> list[str]:
    return __all__
