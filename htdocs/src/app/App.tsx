import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { strings } from "../strings/common";
import { Gate } from "./Gate";
import { NotFound } from "./NotFound";
import { PageBoundary } from "./PageBoundary";
import { Shell } from "./Shell";

/* Each page is fetched when it is first shown: a customer's browser never gets the admin's code. */
const SignIn = lazy(() => import("../features/account/SignIn"));
const Register = lazy(() => import("../features/account/Register"));
const Account = lazy(() => import("../features/account/Account"));
const CustomerDashboard = lazy(() => import("../features/customer-dashboard/CustomerDashboard"));
const CustomerOrder = lazy(() => import("../features/customer-order/CustomerOrder"));
const OrderForm = lazy(() => import("../features/order-form/OrderForm"));
const AdminDashboard = lazy(() => import("../features/admin-dashboard/AdminDashboard"));
const AdminOrder = lazy(() => import("../features/admin-order/AdminOrder"));
const AdminProducts = lazy(() => import("../features/admin-products/AdminProducts"));
const AdminUsers = lazy(() => import("../features/admin-users/AdminUsers"));

export function App() {
  return (
    <Shell>
      <PageBoundary>
        <Suspense fallback={<p className="loading">{strings.loading}</p>}>
          <Switch>
            <Route path="/login">
              <SignIn />
            </Route>
            <Route path="/register">
              <Register />
            </Route>
            <Route path="/account">
              <Gate>
                <Account />
              </Gate>
            </Route>
            <Route path="/">
              <Gate who="customer">
                <CustomerDashboard />
              </Gate>
            </Route>
            <Route path="/orders/new">
              <Gate who="customer">
                <OrderForm />
              </Gate>
            </Route>
            <Route path="/orders/:id">
              {({ id }) => (
                <Gate who="customer">
                  <CustomerOrder key={id} id={id} />
                </Gate>
              )}
            </Route>
            <Route path="/admin">
              <Gate who="admin">
                <AdminDashboard />
              </Gate>
            </Route>
            <Route path="/admin/orders/:id">
              {({ id }) => (
                <Gate who="admin">
                  <AdminOrder key={id} id={id} />
                </Gate>
              )}
            </Route>
            <Route path="/admin/products">
              <Gate who="admin">
                <AdminProducts />
              </Gate>
            </Route>
            <Route path="/admin/users">
              <Gate who="admin">
                <AdminUsers />
              </Gate>
            </Route>
            <Route>
              <NotFound />
            </Route>
          </Switch>
        </Suspense>
      </PageBoundary>
    </Shell>
  );
}
