"""Every address of the server."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("dashboard.urls")),
    path("api/v1/", include("metrics.urls")),
    path("admin/", admin.site.urls),
]
