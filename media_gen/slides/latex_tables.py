"""What LaTeX's commands mean, where a table says it all. Symbols that are not here come from latex2mathml's table."""

OPERATORS = frozenset(
    (
        "sin",
        "cos",
        "tan",
        "cot",
        "sec",
        "csc",
        "sinh",
        "cosh",
        "tanh",
        "coth",
        "arcsin",
        "arccos",
        "arctan",
        "log",
        "ln",
        "lg",
        "exp",
        "det",
        "dim",
        "ker",
        "deg",
        "gcd",
        "hom",
        "arg",
        "Pr",
        "lim",
        "limsup",
        "liminf",
        "max",
        "min",
        "sup",
        "inf",
        "argmax",
        "argmin",
        "sgn",
        "mod",
    )
)
LIMIT_OPERATORS = frozenset(
    ("lim", "limsup", "liminf", "max", "min", "sup", "inf", "det", "gcd", "Pr", "argmax", "argmin")
)

# Command -> the combining mark that Typst's accents take.
ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "check": "\u030c", "tilde": "\u0303", "widetilde": "\u0303",
    "acute": "\u0301", "grave": "\u0300", "dot": "\u0307", "ddot": "\u0308", "dddot": "\u20db", "breve": "\u0306",
    "bar": "\u0304", "vec": "\u20d7", "overrightarrow": "\u20d7", "overleftarrow": "\u20d6", "mathring": "\u030a",
    "overleftrightarrow": "\u20e1",
}  # fmt: skip

# Command -> name of the bracket or line that Typst draws over or under.
LINES = {
    "overline": "overline",
    "underline": "underline",
    "overbrace": "overbrace",
    "underbrace": "underbrace",
    "overbracket": "overbracket",
    "underbracket": "underbracket",
}

# Command -> how its argument is set.
STYLES = {
    "mathbf": "bold-upright", "boldsymbol": "bold", "bm": "bold", "mathrm": "upright", "mathit": "italic",
    "mathbb": "bb", "mathcal": "cal", "mathscr": "scr", "mathfrak": "frak", "mathsf": "sans", "mathtt": "mono",
    "displaystyle": "display", "textstyle": "inline", "scriptstyle": "script",
}  # fmt: skip

TEXTS = {
    "text": "upright",
    "textrm": "upright",
    "textup": "upright",
    "textnormal": "upright",
    "mbox": "upright",
    "textbf": "bold",
    "textit": "italic",
    "emph": "italic",
    "texttt": "mono",
}

# Widths in em.
SPACES = {
    ",": 1 / 6, "thinspace": 1 / 6, ":": 2 / 9, "medspace": 2 / 9, ">": 2 / 9, ";": 5 / 18, "thickspace": 5 / 18,
    "!": -1 / 6, "negthinspace": -1 / 6, " ": 0.25, "quad": 1.0, "qquad": 2.0, "enspace": 0.5,
}  # fmt: skip

# Environment -> the delimiters of its matrix.
MATRICES = {
    "matrix": "",
    "smallmatrix": "",
    "array": "",
    "pmatrix": "(",
    "bmatrix": "[",
    "Bmatrix": "{",
    "vmatrix": "|",
    "Vmatrix": "‖",
}
ALIGNED = frozenset(
    (
        "align",
        "align*",
        "aligned",
        "alignat",
        "alignedat",
        "gather",
        "gather*",
        "gathered",
        "split",
        "equation",
        "equation*",
        "multline",
        "multline*",
    )
)

DELIMITERS = {
    "(": "(", ")": ")", "[": "[", "]": "]", "{": "{", "}": "}", "|": "|", "/": "/", ".": "", "<": "⟨", ">": "⟩",
    "lbrace": "{", "rbrace": "}", "lbrack": "[", "rbrack": "]", "langle": "⟨", "rangle": "⟩", "lfloor": "⌊",
    "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "vert": "|", "lvert": "|", "rvert": "|", "Vert": "‖", "lVert": "‖",
    "rVert": "‖", "uparrow": "↑", "downarrow": "↓", "backslash": "\\",
}  # fmt: skip

# Height of a delimiter in em.
BIG = {
    "big": 1.2, "bigl": 1.2, "bigr": 1.2, "bigm": 1.2, "Big": 1.8, "Bigl": 1.8, "Bigr": 1.8, "Bigm": 1.8,
    "bigg": 2.4, "biggl": 2.4, "biggr": 2.4, "Bigg": 3.0, "Biggl": 3.0, "Biggr": 3.0,
}  # fmt: skip

ARROWS = {
    "xrightarrow": "→",
    "xleftarrow": "←",
    "xleftrightarrow": "↔",
    "xRightarrow": "⇒",
    "xLeftarrow": "⇐",
    "xrightleftharpoons": "⇌",
    "xmapsto": "↦",
}

# Where the usual character is another than latex2mathml's, or latex2mathml has none.
SYMBOLS = {
    "{": "{", "}": "}", "%": "%", "$": "$", "&": "&", "#": "#", "_": "_", "|": "‖", "sim": "∼", "dots": "…",
    "dotsc": "…", "dotsb": "⋯", "dotsm": "⋯", "dotsi": "⋯", "ldots": "…", "setminus": "∖", "perp": "⊥", "square": "□",
    "blacksquare": "■", "degree": "°", "celsius": "°C", "ohm": "Ω", "epsilon": "ϵ", "varepsilon": "ε", "phi": "ϕ",
    "varphi": "φ", "lt": "<", "gt": ">", "iff": "⟺", "implies": "⟹", "impliedby": "⟸", "land": "∧", "lor": "∨",
    "lnot": "¬", "euro": "€", "pounds": "£", "S": "§", "colon": ":", "ast": "∗", "backslash": "\\", "hbar": "ℏ",
    "R": "ℝ", "N": "ℕ", "Z": "ℤ", "Q": "ℚ", "C": "ℂ", "prime": "′", "infin": "∞", "micro": "µ",
}  # fmt: skip

# Commands that say how and not what; the slide's own type settles it.
IGNORED = frozenset(
    ("limits", "nolimits", "displaylimits", "nonumber", "notag", "left", "right", "middle", "relax", "strut")
)
