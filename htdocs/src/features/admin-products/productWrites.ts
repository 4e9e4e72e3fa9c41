import { http } from "../../shared/api/http";
import type { Product } from "../../shared/api/types";

export interface NewProduct {
  name: string;
  sku?: string;
  price: number;
  stock: number;
  active: boolean;
}

/** Without If-Match: a product's version moves with every sale. That is also why stock is changed by what is added, never set. */
export type ProductChange = Partial<Pick<Product, "name" | "price" | "active">> | { stockDelta: number };

export async function createProduct(product: NewProduct): Promise<Product> {
  return (await http.post<Product>("/products", product)).data;
}

export async function changeProduct(id: string, change: ProductChange): Promise<Product> {
  return (await http.patch<Product>(`/products/${id}`, change)).data;
}

export async function fetchProduct(id: string): Promise<Product> {
  return (await http.get<Product>(`/products/${id}`)).data;
}
