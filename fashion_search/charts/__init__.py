"""All charts, as Plotly's figures: pages and reports draw them. Plotly is imported only when one is made.

No chart has a title, a font or a background: those are the page's. Neutral marks are a grey that can be seen on light
and on dark. Where a figure is NaN nothing is drawn: Plotly sees to that.
"""
