"""Every address of the server."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path

from metrics.api.views import not_found
from tarasysdash.health import healthz

admin.site.index_title = "Admin"

urlpatterns = [
    # First, because agents ask for it a hundred times as often as people ask for a page.
    path("api/v1/", include("metrics.urls")),
    path("healthz", healthz, name="healthz"),
    path("", include("dashboard.urls")),
    # Last of the API, behind the page that documents it: JSON even for what is not there.
    re_path(r"^api/v1/(?P<rest>.*)$", login_not_required(not_found), name="api-not-found"),
    path("admin/", admin.site.urls),
]
