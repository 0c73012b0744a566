"""The LaTeX commands that take arguments or change nothing one can read: names, grouped by how they are read.

Only names and marks; how each group is read is `markup`'s work, plain symbols are `symbols`'.
"""

from __future__ import annotations


def _split(names: str) -> frozenset[str]:
    return frozenset(names.split())


TEXT_ARGUMENT = _split(
    """
    text textit textbf textrm textsf texttt textsc textsl textmd textup textnormal emph mbox hbox fbox
    textls uline sout ul underline underbar centerline MakeUppercase MakeLowercase uppercase lowercase
    mathmbox section subsection paragraph title caption enquote
    """
)
PLAIN_ARGUMENT = _split(
    """
    mathrm mathbf mathit mathsf mathtt mathcal mathscr mathfrak mathnormal mathpzc boldsymbol bm pmb bold
    operatorname operatornamewithlimits mathop mathbin mathrel mathord mathopen mathclose mathpunct
    mathinner overbrace underbrace ensuremath substack smash boxed cancel overleftrightarrow symbf symrm
    frak Bbbk
    """
)
FUNCTIONS = _split(
    """
    log ln lg exp max min sup inf lim limsup liminf sin cos tan cot sec csc arcsin arccos arctan sinh cosh
    tanh det dim ker hom Hom Pr gcd arg argmax argmin Tr tr rank diag sign sgn poly polylog
    """
)
DECLARATIONS = _split(
    """
    em it bf rm sc tt sf sl cal mit itshape bfseries rmfamily sffamily ttfamily scshape upshape slshape
    mdseries normalfont normalsize small footnotesize scriptsize tiny large Large LARGE huge Huge
    displaystyle textstyle scriptstyle scriptscriptstyle limits nolimits big Big bigg Bigg bigl bigr Bigl
    Bigr biggl biggr Biggl Biggr bigm Bigm noindent centering xspace boldmath unboldmath protect relax hfill
    nonumber notag allowbreak linebreak nobreak newpage maketitle strut mathstrut smallskip medskip bigskip
    hline null
    """
)
MATH_ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304",
    "overline": "\u0304", "vec": "\u20d7", "overrightarrow": "\u20d7", "dot": "\u0307", "ddot": "\u0308",
    "check": "\u030c", "widecheck": "\u030c", "breve": "\u0306", "acute": "\u0301", "grave": "\u0300",
    "mathring": "\u030a",
}  # fmt: skip
SIGN_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
}  # fmt: skip
COMMAND_ACCENTS = {
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331",
}  # fmt: skip
LIGATURES = _split(
    """
    o O l L ss ae AE oe OE aa AA i j dh DH th TH dj DJ ng NG
    """
)
FRACTIONS = _split(
    """
    frac dfrac tfrac cfrac nicefrac sfrac flatfrac binom dbinom tbinom
    """
)
RAW_ARGUMENT = _split(
    """
    url path href nolinkurl lstinline
    """
)
CITATIONS = _split(
    """
    cite citep citet citealp citealt citeauthor citeyear citeyearpar Cite Citet parencite textcite autocite
    footcite ref eqref autoref cref Cref pageref nameref
    """
)
SECOND_ARGUMENT = _split(
    """
    textcolor colorbox texorpdfstring raisebox scalebox foreignlanguage
    """
)
DROPPED = _split(
    """
    begin end label vspace hspace color phantom hphantom vphantom thanks footnotemark bibliography
    bibliographystyle usepackage input include pagestyle thispagestyle tag index vskip hskip
    """
)
SIGNS = {
    ",": " ", ";": " ", ":": " ", ">": " ", " ": " ", "\n": " ", "\t": " ", "\\": " ", "!": "", "/": "",
    "-": "", "|": "‖", "@": "",
}  # fmt: skip
BLACKBOARD = _split("mathbb mathds Bbb")
ROOTS, NEGATIONS, FOOTNOTES = _split("sqrt"), _split("not"), _split("footnote")
QUANTITIES = _split("SI si num qty unit")
STACKS = _split("stackrel overset underset")
ARROWS = _split("xrightarrow xleftarrow")
SIZES = _split("left right middle")
HIGH, LOW = _split("textsuperscript"), _split("textsubscript")
