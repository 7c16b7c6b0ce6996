"""The vocabulary of XHTML in EPUB 3.3: HTML's living standard and ARIA's roles, as of 2026-08."""

from fic2epub.builder.problem import XHTML

__all__ = ["ATTRIBUTES", "BLOCKS", "ELEMENTS", "PHRASING_ONLY", "ROLES"]


def _words(text: str, prefix: str = "") -> frozenset[str]:
    return frozenset(prefix + word for word in text.split())


ELEMENTS = _words(
    """
    a abbr address area article aside audio b base bdi bdo blockquote body br button canvas caption
    cite code col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input
    ins kbd label legend li link main map mark menu meta meter nav noscript object ol optgroup
    option output p param picture pre progress q rb rp rt rtc ruby s samp script search section
    select slot small source span strong style sub summary sup table tbody td template textarea
    tfoot th thead time title tr track u ul var video wbr
    """,
    XHTML,
)

PHRASING_ONLY = _words(
    """
    abbr b cite code dfn dt em h1 h2 h3 h4 h5 h6 i kbd mark p pre q s samp small span strong sub sup
    u var
    """,
    XHTML,
)
"""Elements that hold words and no blocks."""

BLOCKS = _words(
    """
    address article aside blockquote div dl figure footer h1 h2 h3 h4 h5 h6 header hr main nav ol p
    pre section table ul
    """,
    XHTML,
)

ATTRIBUTES = _words(
    """
    aria-activedescendant aria-atomic aria-autocomplete aria-braillelabel aria-brailleroledescription
    aria-busy aria-checked aria-colcount aria-colindex aria-colindextext aria-colspan aria-controls
    aria-current aria-describedby aria-description aria-details aria-disabled aria-dropeffect
    aria-errormessage aria-expanded aria-flowto aria-grabbed aria-haspopup aria-hidden aria-invalid
    aria-keyshortcuts aria-label aria-labelledby aria-level aria-live aria-modal aria-multiline
    aria-multiselectable aria-orientation aria-owns aria-placeholder aria-posinset aria-pressed
    aria-readonly aria-relevant aria-required aria-roledescription aria-rowcount aria-rowindex
    aria-rowindextext aria-rowspan aria-selected aria-setsize aria-sort aria-valuemax aria-valuemin
    aria-valuenow aria-valuetext
    abbr about accept accept-charset accesskey action allow allowfullscreen alt as async
    autocapitalize autocomplete autofocus autoplay charset checked cite class color cols colspan
    content contenteditable controls coords crossorigin data datatype datetime decoding default
    defer dir dirname disabled download draggable enctype enterkeyhint fetchpriority for form
    formaction formenctype formmethod formnovalidate formtarget headers height hidden high href
    hreflang http-equiv id imagesizes imagesrcset inert inlist inputmode integrity is ismap itemid
    itemprop itemref itemscope itemtype kind label lang list loading loop low max maxlength media
    method min minlength multiple muted name nomodule nonce novalidate open optimum part pattern
    ping placeholder playsinline popover popovertarget poster prefix preload property readonly
    referrerpolicy rel required resource rev reversed role rows rowspan sandbox scope selected shape
    size sizes slot span spellcheck src srcdoc srclang srcset start step style tabindex target title
    translate type typemustmatch typeof usemap value vocab width wrap
    """
)
"""Of any element, RDFa's included. Those of layout (align, bgcolor, border) are CSS's business."""

ROLES = _words(
    """
    alert alertdialog application article associationlist associationlistitemkey
    associationlistitemvalue banner blockquote button caption cell checkbox code columnheader
    combobox comment complementary contentinfo definition deletion dialog directory doc-abstract
    doc-acknowledgments doc-afterword doc-appendix doc-backlink doc-biblioentry doc-bibliography
    doc-biblioref doc-chapter doc-colophon doc-conclusion doc-cover doc-credit doc-credits
    doc-dedication doc-endnote doc-endnotes doc-epigraph doc-epilogue doc-errata doc-example
    doc-footnote doc-foreword doc-glossary doc-glossref doc-index doc-introduction doc-noteref
    doc-notice doc-pagebreak doc-pagefooter doc-pageheader doc-pagelist doc-part doc-preface
    doc-prologue doc-pullquote doc-qna doc-subtitle doc-tip doc-toc document emphasis feed figure
    form generic graphics-document graphics-object graphics-symbol grid gridcell group heading image
    img insertion link list listbox listitem log main mark marquee math menu menubar menuitem
    menuitemcheckbox menuitemradio meter navigation none note option paragraph presentation
    progressbar radio radiogroup region row rowgroup rowheader scrollbar search searchbox separator
    slider spinbutton status strong subscript suggestion superscript switch tab table tablist
    tabpanel term textbox time timer toolbar tooltip tree treegrid treeitem
    """
)
