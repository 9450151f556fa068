"""clv: who will buy again, what are they worth, and whom should we call back with what?

    order exports → orders → customers → model → values → segments → offers → plan → report

A module is named after the table or the answer that it makes; `ls src/clv` is the method.
"""

__version__ = "0.1.0"
