"""Every address of the server."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    # First, because agents ask for it a hundred times as often as people ask for a page.
    path("api/v1/", include("metrics.urls")),
    path("", include("dashboard.urls")),
    path("admin/", admin.site.urls),
]
