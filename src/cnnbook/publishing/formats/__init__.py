"""One module a format: how a stamp is put into it, read from it, and sealed."""

from cnnbook.publishing.formats import netcdf, pdf, png, svg
from cnnbook.publishing.stamp import Form

FORMS: dict[str, Form] = {form.name: form for form in (svg.FORM, png.FORM, pdf.FORM)}
"""The formats of pictures, by name."""

SEALED: tuple[Form, ...] = (*FORMS.values(), netcdf.FORM)
"""All formats that bear a seal."""

__all__ = ["FORMS", "SEALED", "Form"]
